"""A shop that sells nothing: an application to deploy."""
__version__ = "1.0.0"
