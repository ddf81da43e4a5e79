"""The operational design domain: what is allowed where and when."""
