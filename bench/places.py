"""Offers and places: the product page, nearby and feeds, each beside plain SQL that does the same, in one run.

    scripts/bench places [offers [locations]]     1,000,000 and 50,000 by default

What the database computes is measured in its own CPU time (`/proc/PID/stat` of the one connection that each side uses);
where that is not to be had, in the time of the statements.
"""
