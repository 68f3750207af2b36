"""What locations add to types of other domains, and their root fields."""
