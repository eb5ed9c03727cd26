import type { Sent, SimulatedDevice } from './simulated-device.ts';
import type { World } from './world.ts';

/** What must hold once all trouble is over; each line is something that does not. */
export function violationsOfPeace(world: World): string[] {
  const present = world.present();
  return [
    ...present.flatMap((device) => wrongPeers(device, present)),
    ...wrongLinks(world, present),
    ...violationsEver(world),
  ];
}

/** What must hold at any time. */
export function violationsEver(world: World): string[] {
  return [
    ...world.devices.flatMap(({ contradictions }) => contradictions),
    ...world.devices.flatMap((device) => wrongErrors(device)),
    ...world.devices.flatMap((device) => wrongOrder(device)),
    ...world.devices.flatMap((device) => wrongDeliveries(device, world)),
  ];
}

/** What must hold once everyone has left. */
export function violationsOfSilence(world: World): string[] {
  const violations: string[] = [];
  if (world.time.pendingTimers > 0) violations.push(`${world.time.pendingTimers} timers are left`);
  if (world.network.open.size > 0) violations.push(`connections are left: ${[...world.network.open.keys()]}`);
  for (const device of world.devices.filter(({ crashed }) => !crashed)) {
    if (device.linked.size > 0) violations.push(`${device.name} was not told that its links are gone`);
  }
  return violations;
}

function wrongPeers(device: SimulatedDevice, present: SimulatedDevice[]): string[] {
  const expected = present.filter((other) => other !== device).map(({ peerId }) => `${peerId} connected`);
  const peers = device.connection.getPeers().map(({ peerId, status }) => `${peerId} ${status}`);
  return [
    ...expected.filter((peer) => !peers.includes(peer)).map((peer) => `${device.name} does not have ${peer}`),
    ...peers.filter((peer) => !expected.includes(peer)).map((peer) => `${device.name} has a ghost: ${peer}`),
    ...(device.linked.size === expected.length ? [] : [`${device.name} was told of ${device.linked.size} links`]),
  ];
}

function wrongLinks(world: World, present: SimulatedDevice[]): string[] {
  const idle = unusedConnections(world);
  if (idle.length > 0) return idle;
  const expected = present.length * (present.length - 1);
  const linked = world.network.linked();
  const open = usedConnections(world);
  const pairs = new Set(linked.map(({ owner, remoteId }) => `${owner} ${remoteId?.split('#')[0]}`));
  return pairs.size === expected && linked.length === expected && open === expected
    ? []
    : [`${expected} ends of links expected; ${open} are open, ${linked.length} of them live, for ${pairs.size} pairs`];
}

/** Ends that are a link or an attempt at one. */
export function usedConnections({ network }: World): number {
  return [...network.open.values()].filter(({ channels }) => channels.length > 0).length;
}

export function unusedConnections(world: World): string[] {
  const unused = world.network.open.size - usedConnections(world);
  // Each device may have one in hand for its next link.
  return unused > world.present().length ? [`${unused} connections are open that nobody uses`] : [];
}

/** Whatever the network does, no device may break the protocol, and no answer or candidate may meet the wrong offer. */
function wrongErrors({ name, errors }: SimulatedDevice): string[] {
  const wrong = /broke the protocol|does not fit|could be made|something invalid|handler/i;
  return errors.filter(({ message }) => wrong.test(message)).map(({ message }) => `${name}: ${message}`);
}

function wrongOrder(device: SimulatedDevice): string[] {
  return [...device.received].flatMap(([from, lanes]) =>
    Object.entries(lanes).flatMap(([lane, numbers]) =>
      numbers
        .filter((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))
        .map((number) => `${device.name} got ${lane} message ${number} of ${from} twice or too late`),
    ),
  );
}

function wrongDeliveries(sender: SimulatedDevice, world: World): string[] {
  if (sender.crashed) return [];
  return sender.sent.flatMap((sent) =>
    whatIsWrongWith(sent, sender, world).map(
      (problem) => `${sender.name}'s ${sent.kind} message ${sent.number} (${sent.delivery.status}) ${problem}`,
    ),
  );
}

function whatIsWrongWith(sent: Sent, sender: SimulatedDevice, { devices }: World): string[] {
  const { recipients, delivery, kind, number, toAll } = sent;
  const addressed = devices.filter(({ peerId }) => recipients.includes(peerId) || recipients.length === 0);
  const lacking = addressed.filter((device) => !device.got(sender.peerId, kind, number));
  if (delivery.status === 'delivered' && lacking.length === addressed.length) return ['is with nobody'];
  const stayed = sender.wanted && sender.departures === sent.departures;
  const back = lacking.filter(({ wanted }) => wanted);
  // A device that has left for good keeps what nobody has taken until it comes back.
  const isOwed = sender.wanted && back.length > 0;
  if (delivery.status === 'pending') return isOwed ? [`never reached ${back.map(({ name }) => name)}`] : [];
  const mustReachEach = toAll && stayed && kind !== 'brief' && recipients.length > 0;
  return mustReachEach && back.length > 0 ? [`did not reach ${back.map(({ name }) => name)}`] : [];
}
