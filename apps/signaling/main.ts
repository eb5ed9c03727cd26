import type { RequestListener } from 'node:http';
import {
  createSignalingServer,
  optionsFromEnvironment,
  programLog,
  type SignalingServer,
} from '@innmesh/webrtc/signaling-server';
import { lanAddresses } from './addresses.ts';
import { banner } from './banner.ts';
import { mountIssuer } from './issuer.ts';
import { buildPages } from './pages.ts';

/**
 * `npm start`: signaling and the example pages from one port. `PORT` chooses it (8080), `HOST` the address. With
 * `INNMESH_DATA_DIR` devices are enrolled: the issuer and its pages come from the same port.
 */
async function main(): Promise<void> {
  const options = optionsFromEnvironment(process.env);
  const { host } = options;
  const built = Promise.withResolvers<RequestListener>();
  const mounted = mountIssuer(process.env, () => server.port);
  // The port first: another server that runs already must not have its pages built anew under its feet.
  const server: SignalingServer = await createSignalingServer({
    ...options,
    ...(mounted && { auth: { ...options.auth, ...mounted.auth } }),
    pages: (request, response) => {
      if (!mounted?.issuer.handle(request, response)) built.promise.then((serve) => serve(request, response));
    },
    log: programLog(console.log),
  });
  mounted?.issuer.on('denyListChanged', (_, token) => void server.deny(token));
  stopOnSignals(server, () => mounted?.issuer.close());
  built.resolve(await buildPages({ enrolment: mounted !== null }));
  const reachable = !host || host === '0.0.0.0' || host === '::';
  console.log(
    banner({
      port: server.port,
      lanAddresses: lanAddresses().filter((address) => reachable || address === host),
      enrolment: mounted,
      checksDevices: mounted !== null || options.auth !== undefined,
    }),
  );
}

/** The first Ctrl-C tells the devices and closes; a second one does not wait. */
function stopOnSignals(server: SignalingServer, closeIssuer: () => void): void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log('\n  Stopping: devices keep the links they have.');
    server.close().then(() => {
      closeIssuer();
      process.exit(0);
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: Error) => {
  console.error(`\n  ${error.message}\n`);
  process.exit(1);
});
