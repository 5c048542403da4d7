# The image of every Airflow component and of the `social_sla` command.
# Pin the base by digest in a deployment: docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=python:3.11.13-slim-bookworm

FROM ${BASE} AS packages
WORKDIR /opt/social_sla
COPY requirements.lock ./
# Only what the lock names, by hash; uv itself is pinned and does not get into the final image.
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 \
    && python -m venv /opt/venv \
    && /opt/uv/bin/uv pip sync --no-cache --python /opt/venv/bin/python --require-hashes requirements.lock

FROM ${BASE}
RUN groupadd --gid 50000 social_sla \
    && useradd --uid 50000 --gid social_sla --create-home social_sla \
    && install --directory --owner=social_sla --group=social_sla /var/lib/social_sla /opt/airflow
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/social_sla
COPY config config
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY plugins plugins
COPY sandbox sandbox
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/social_sla/plugins:/opt/social_sla \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/social_sla/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/social_sla/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    SOCIAL_SLA_HOME=/var/lib/social_sla \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    DO_NOT_TRACK=1 \
    GX_ANALYTICS_ENABLED=false \
    RUNTIME__DLTHUB_TELEMETRY=false
USER 50000
VOLUME ["/var/lib/social_sla", "/opt/airflow/logs"]
CMD ["airflow", "version"]
