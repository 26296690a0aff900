# One image for the web server, the worker and beat; docker-compose.yml gives each its command.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PRODUCTION=1

WORKDIR /app

# Before the code, so that a change of code installs nothing anew. Wheels only: nothing is built, so no hash is got round.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --require-hashes --only-binary :all: -r requirements.txt

COPY . .

# Settings want a secret, static files do not: this one is thrown away with the command.
RUN SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --no-input --verbosity 0

# The code belongs to root; who runs it can change nothing of it.
RUN useradd --system --no-create-home --shell /usr/sbin/nologin vvdash
USER vvdash

EXPOSE 8000
# A worker's heartbeat file lies in memory: on a slow disk it would stall the worker.
CMD ["gunicorn", "vvdash.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--max-requests", "1000", "--max-requests-jitter", "200", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
