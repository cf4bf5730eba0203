# One image for web, worker and migrate; the command says which. What is in it is what the service needs to run and nothing to
# build with. Checked by tests/deploy.

FROM python:3.11-slim-bookworm AS environment
COPY requirements/postgres.txt /tmp/requirements.txt
RUN python -m venv /opt/venv
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes -r /tmp/requirements.txt
RUN /opt/venv/bin/pip uninstall --yes --disable-pip-version-check pip setuptools

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /srv/bittern --shell /usr/sbin/nologin bittern
COPY --from=environment /opt/venv /opt/venv
WORKDIR /srv/bittern
COPY app.py worker.py services.py settings.py serving.py logs.py doctor.py gunicorn.conf.py granian_server.py atlassian-connect.json LICENSE NOTICE ./
COPY bitbucket bitbucket
COPY cli cli
COPY connect connect
COPY insights insights
COPY jobs jobs
COPY models models
COPY static static
COPY sync sync
COPY templates templates
COPY web web
# The account that runs it can write nothing here, so what start-up needs compiled is compiled now.
RUN python -m compileall -q /srv/bittern /opt/venv/lib
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 FLASK_APP=app PORT=8080
USER 10001:10001
EXPOSE 8080
# Ready is more than alive: whoever restarts one instance after the other waits for it. Nothing restarts an instance for it.
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=3)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"]
