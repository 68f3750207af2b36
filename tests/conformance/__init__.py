"""What others measure a GraphQL server by: audits, composition, gateways, the subgraph suite."""
