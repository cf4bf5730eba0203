"""Geometry of charts: values in, shapes out. Pure; the words come in worded, the templates only draw."""
