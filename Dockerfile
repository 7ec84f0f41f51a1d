# The service and the command line of trendnlp, with the shipped models.
#
#   docker build -t trendnlp .
#   docker run --rm -v trendnlp:/var/lib/trendnlp trendnlp keys add ...      (an API key: the service listens beyond this
#   docker run -p 127.0.0.1:8000:8000 -v trendnlp:/var/lib/trendnlp trendnlp  machine, so it does not start without one)
#
# PyTorch is its CPU build where a package index has one; name the index in the build argument PIP_EXTRA_INDEX_URL.

FROM python:3.11-slim-bookworm AS build
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/trendnlp
RUN /opt/trendnlp/bin/pip install torch==2.13.0+cpu || /opt/trendnlp/bin/pip install torch==2.13.0
WORKDIR /build
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
COPY models models
COPY src src
RUN /opt/trendnlp/bin/pip install -c constraints.txt ".[otel,parquet,postgres]"

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/trendnlp --create-home --shell /usr/sbin/nologin trendnlp
COPY --from=build /opt/trendnlp /opt/trendnlp
ENV PATH=/opt/trendnlp/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TRENDNLP_HOME=/var/lib/trendnlp \
    TRENDNLP_CACHE=/var/lib/trendnlp/cache \
    TRENDNLP_LOG_FORMAT=json
USER trendnlp
WORKDIR /var/lib/trendnlp
VOLUME /var/lib/trendnlp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["trendnlp"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
