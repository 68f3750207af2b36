# The API or, with "closient worker", the worker. It needs DATABASE_URL: a PostgreSQL 17 with PostGIS and pgvector.
FROM python:3.13-slim

COPY requirements/serve.txt /tmp/serve.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/serve.txt && rm /tmp/serve.txt

WORKDIR /app
COPY closient_gql closient_gql
COPY schema schema
COPY resolvers resolvers
COPY migrations migrations
# The command, and a plain user with a folder of its own.
RUN printf '%s\n' '#!/usr/local/bin/python' 'import sys' 'from closient_gql.server.cli import main' 'sys.exit(main())' \
      > /usr/local/bin/closient \
    && chmod +x /usr/local/bin/closient \
    && python -m compileall -q /app \
    && useradd --create-home --uid 10001 closient \
    && install -d -o closient /var/lib/closient
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 CLOSIENT_HOME=/var/lib/closient CLOSIENT_LOG_FORMAT=json
USER closient

EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=60s \
  CMD ["python", "-c", "from urllib.request import *; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["closient", "serve", "--host", "0.0.0.0", "--port", "8000"]
