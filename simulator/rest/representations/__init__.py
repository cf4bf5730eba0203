"""The JSON of each object as Bitbucket writes it; REST answers and webhook bodies are made of the same pieces.

Shapes and the order of keys follow the newest recorded bodies (../shared/bitbucket/rest and webhooks, 2021 to 2026).
Every function takes the world first: links start with its `api_url` and `site_url`.
"""
