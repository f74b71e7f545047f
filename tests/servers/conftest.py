"""Real servers for every test here: PostgreSQL, moto and Ceph's gateway, started once a session and ended with it."""

from s3_servers import moto_s3, postgresql, postgresql_url, rgw, s3

__all__ = ["moto_s3", "postgresql", "postgresql_url", "rgw", "s3"]
