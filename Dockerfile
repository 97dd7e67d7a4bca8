# One image for web, worker, ingest and beat; docker-compose.yml says which is which.
FROM node:22-bookworm-slim AS packages
WORKDIR /srv/mailgw
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 MAILGW_HOME=/var/lib/mailgw LOG_FORMAT=json
WORKDIR /srv/mailgw
COPY requirements.txt ./
RUN pip install --disable-pip-version-check -r requirements.txt
COPY --from=packages /srv/mailgw/node_modules node_modules
COPY . .
# The key is for this one step: collectstatic signs nothing.
RUN python -m mailgw.translations \
    && SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --system --home-dir "$MAILGW_HOME" --shell /usr/sbin/nologin mailgw \
    && chown -R mailgw: "$MAILGW_HOME"
USER mailgw
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--limit-request-line", "8190", "mailgw.wsgi:application"]
