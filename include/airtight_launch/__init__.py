"""Starting a local installation: what ``make run``, ``make test`` and ``make demo`` stand on.

``environment`` prepares the virtual environment, ``home`` the state under ``var/``, ``server`` starts and stops
Airflow, ``journey`` runs one day through it and shows the result. Nothing here is needed in production.
"""
