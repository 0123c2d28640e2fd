"""Django's way to the database: its own engine for PostgreSQL, with connections vetted and losses named."""
