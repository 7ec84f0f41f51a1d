"""One file a step. A step that has been released does not change."""
