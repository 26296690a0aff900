# One image for the web server, the workers and beat; docker-compose.yml gives each its command. script/image builds it
# where no Docker is, on another base.
ARG BASE=python:3.13-slim
FROM ${BASE}

# For backups. A base may have it already.
RUN command -v pg_dump >/dev/null \
    || { apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*; }

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PRODUCTION=1 \
    PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

WORKDIR /app

# Before the code, so that a change of code installs nothing anew. Wheels only: nothing is built, so no hash is got round.
# In a virtual environment: Debian's own Python refuses packages beside its own.
COPY requirements.txt requirements-s3.txt ./
RUN python3 -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
        -r requirements.txt -r requirements-s3.txt

COPY . .

# Settings want a secret, static files do not: this one is thrown away with the command.
RUN python -m compileall -q . \
    && SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --no-input --verbosity 0

# The code belongs to root; who runs it can change nothing of it.
RUN useradd --system --no-create-home --shell /usr/sbin/nologin vvdash \
    && install --directory --owner vvdash --mode 700 /backups
USER vvdash

EXPOSE 8000
# A worker's heartbeat file lies in memory: on a slow disk it would stall the worker.
CMD ["gunicorn", "vvdash.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "8", \
     "--max-requests", "1000", "--max-requests-jitter", "1000", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
