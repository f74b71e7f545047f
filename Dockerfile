# Airtight on the official Airflow image: the same lock as everywhere else.
FROM apache/airflow:3.3.2-python3.12
COPY --chown=airflow:root requirements.txt pyproject.toml README.md /opt/airtight/
RUN pip install --no-cache-dir --no-deps --require-hashes -r /opt/airtight/requirements.txt
COPY --chown=airflow:root include /opt/airtight/include
COPY --chown=airflow:root dags /opt/airtight/dags
COPY --chown=airflow:root plugins /opt/airtight/plugins
COPY --chown=airflow:root expectations /opt/airtight/expectations
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e /opt/airtight
