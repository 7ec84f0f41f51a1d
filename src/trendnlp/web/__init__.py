"""The HTTP face of a workspace: JSON routes, problem documents and plain pages."""
