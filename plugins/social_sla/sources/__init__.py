"""Sources: the vendors' APIs as declarations on one shared client. Nothing here imports an orchestrator."""
