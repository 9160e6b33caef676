# metalspray with all that it calls: dnsmasq, iPXE's boot files, GRUB for the way to UEFI disks, the programs that unpack images.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY templates ./templates
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends dnsmasq-base grub-common grub-efi-amd64-bin ipxe xz-utils \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /metalspray
COPY package.json ./
COPY --from=build /build/templates ./templates
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
RUN ln -s /metalspray/dist/cli/main.js /usr/local/bin/metalspray \
  && ln -s /metalspray/dist/cli/edit-host-main.js /usr/local/bin/edit-host
ENV METALSPRAY_DATA=/var/lib/metalspray/data METALSPRAY_IMAGES=/var/lib/metalspray/images
# As in scripts/setup.sh.
ENV NODE_OPTIONS=--max-semi-space-size=4 MALLOC_ARENA_MAX=2
VOLUME ["/var/lib/metalspray/data", "/var/lib/metalspray/images"]
EXPOSE 5000 5001
# SIGTERM reaches the server itself, which lets running downloads end.
ENTRYPOINT ["metalspray"]
CMD ["serve"]
