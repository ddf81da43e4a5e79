FROM node:22-bookworm-slim AS front
WORKDIR /front
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends gdal-bin \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /hansom
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
COPY --from=front /front/dist frontend/dist
RUN useradd --system --create-home hansom && mkdir -p /var/lib/hansom && chown hansom /var/lib/hansom
USER hansom
ENV PYTHONUNBUFFERED=1
