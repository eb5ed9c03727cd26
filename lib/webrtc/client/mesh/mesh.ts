import type { FirstOffer as JoinOffer, RelayMessage, RosterEntry } from '@innmesh/protocol';
import type { Relay } from '../relay/relay.ts';
import type { RoomMessage, Welcome } from '../signaling/signaling-socket.ts';
import type { Trust } from '../trust/trust.ts';
import { Beginnings, type BeginningsDeps } from './beginnings.ts';
import { Connector, type ConnectorDeps, type ConnectorEvents } from './connector.ts';
import type { LinkCreationDeps } from './create-link.ts';
import { LinkKeeper, type LinkKeeperDeps } from './link-keeper.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';
import { SignalPaths } from './signal-paths.ts';

export interface MeshDeps extends BeginningsDeps, LinkKeeperDeps, LinkCreationDeps {
  trust: Trust;
  /** By way of the server; `false` where there is none. */
  signal(message: RelayMessage): boolean;
  /** Whoever leaves the room may have found a better server, to which all go one after the other. */
  isPassing(): boolean;
  relay: Pick<Relay, 'isOffered' | 'load' | 'handle' | 'pause'>;
}

export interface MeshEvents extends ConnectorEvents {
  discovered(peers: Peer[]): void;
  peerJoined(peer: Peer): void;
  peerLeft(peer: Peer): void;
}

/** What links through the server take. */
const ofRelay: ReadonlySet<string> = new Set(['frame', 'undelivered', 'pause']);

/** The other devices of the room, and links to those that are wanted. The newcomer offers; links outlive the signaling server. */
export class Mesh {
  readonly #deps: MeshDeps;
  readonly #events: MeshEvents;
  /** One for each peer, by its id. */
  readonly #connectors = new Map<string, Connector>();
  readonly #beginnings: Beginnings;
  readonly #keeper: LinkKeeper;
  readonly #connectorDeps: ConnectorDeps;
  #stopped: (() => void) | null = null;

  constructor(deps: MeshDeps, events: MeshEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#beginnings = new Beginnings(deps);
    this.#keeper = new LinkKeeper(deps, {
      peers: () => this.peers(),
      offer: ({ peerId }) => this.#connectors.get(peerId)?.offerIfFree(),
      forget: (peer) => this.#forgetIfGone(peer),
    });
    this.#connectorDeps = {
      ...deps,
      beginnings: this.#beginnings,
      offerLimits: { direct: new OfferLimits(deps.clock), relayed: new OfferLimits(deps.clock) },
      keeper: this.#keeper,
      signals: this.#createSignalPaths(),
      peers: () => this.peers(),
      ended: (peer) => this.#forgetIfGone(peer),
      isStopped: () => this.#stopped !== null,
    };
  }

  #createSignalPaths(): SignalPaths {
    return new SignalPaths({
      ...this.#deps,
      self: () => this.#deps.trust,
      peers: () => this.peers(),
      peer: (peerId) => this.peer(peerId),
      received: ({ peerId }, message) => this.#connectors.get(peerId)?.signaled(message),
    });
  }

  get #all(): Connector[] {
    return [...this.#connectors.values()];
  }

  peers(): Peer[] {
    return this.#all.map(({ peer }) => peer);
  }

  peer(peerId: string): Peer | undefined {
    return this.#connectors.get(peerId)?.peer;
  }

  /** Something is sent to this one device: a link to it is made where none stands. */
  reach(peerId: string): void {
    const connector = this.#connectors.get(peerId);
    if (!connector) return;
    this.talked(connector.peer);
    if (this.#keeper.isChoosy) connector.offerIfFree();
    connector.expectLink();
  }

  /** Something that was for this device has come from the peer. */
  talked(peer: Peer): void {
    this.#keeper.talked(peer);
  }

  /** A server is being reached: meanwhile, the first link's offer can be made, which takes about as long. */
  prepare(): void {
    if (this.#stopped || this.#hasLinks) this.#beginnings.dropFirstOffer();
    else this.#beginnings.prepareFirstOffer();
  }

  /** To be called when there is time. */
  prepareNext(): void {
    if (!this.#stopped) this.#beginnings.prepareConnection();
  }

  /** For the join to carry: none where links stand, as the server might hand it to one of those. */
  firstOffers(): JoinOffer[] {
    return this.#hasLinks ? [] : this.#beginnings.firstOffers();
  }

  get #hasLinks(): boolean {
    return this.peers().some(({ link }) => link);
  }

  /** This device is in the room, for the first time or again: links to those who are wanted and not linked. */
  enterRoom(welcome: Welcome): void {
    const roster = welcome.roster.filter(({ device }) => this.#deps.trust.mayLink(device.type));
    const present = new Set(roster.map(({ peerId }) => peerId));
    for (const connector of this.#all) if (!present.has(connector.peer.peerId)) this.#miss(connector);
    const connectors = roster.map((entry) => this.#place(entry));
    const peers = connectors.map(({ peer }) => peer);
    const troubled = connectors.filter(({ peer }) => !peer.links.isAboutToOpen);
    for (const connector of troubled) connector.reentered();
    for (const connector of connectors) if (!troubled.includes(connector)) connector.trustAttempt();
    this.#events.discovered(peers);
    this.#offerAsNewcomer(
      troubled.filter(({ peer }) => !peer.link?.isOpen),
      welcome.offeredTo[0],
    );
    if (peers.length === 0) this.prepareNext();
    this.#beginnings.dropFirstOffer();
    if (!this.#stopped) this.#keeper.start();
  }

  #offerAsNewcomer(unlinked: Connector[], offeredTo: number | undefined): void {
    const offered = unlinked.find(({ peer }) => peer.slot === offeredTo);
    offered?.firstOffered();
    const isWanted = this.#keeper.wantedByEither();
    for (const connector of unlinked) if (connector !== offered && isWanted(connector.peer)) connector.offer();
  }

  handle(message: RoomMessage): void {
    if (this.#stopped && !ofRelay.has(message.type)) return;
    if (message.type === 'joined') {
      this.#joined(message.peer);
      return;
    }
    if (message.type === 'pause') {
      this.#deps.relay.pause(message.pauseMs);
      return;
    }
    const slot = message.type === 'left' || message.type === 'unreachable' ? message.slot : message.peer;
    const connector = this.#all.find(({ peer }) => peer.slot === slot);
    if (!connector) return;
    if (message.type === 'frame' || message.type === 'undelivered') this.#deps.relay.handle(connector.peer, message);
    else if (message.type === 'left' && this.#deps.isPassing()) this.#miss(connector);
    else if (message.type === 'left' || message.type === 'unreachable') this.#leaveRoom(connector);
    else connector.signaled(message);
  }

  /** This device's network is another one, or is there again: what did not work may work now. */
  networkChanged(): void {
    for (const connector of this.#all) connector.networkChanged();
  }

  /** Closes the links to those whose credential is over, or who were put out. */
  checkPeers(): void {
    for (const { links } of this.peers()) for (const link of links.all) link.checkPeer();
  }

  /** Says bye to all, who may be linked again when this device comes into the room anew. */
  closeLinks(): void {
    for (const connector of this.#all) connector.close('this device goes to sleep.');
  }

  /** Says bye to all. Resolves when the last link is closed. */
  stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    this.#keeper.stop();
    this.#beginnings.close();
    if (this.#connectors.size === 0) resolve();
    for (const connector of this.#all) {
      const { peer } = connector;
      connector.close('this device leaves.');
      this.#forgetIfGone(peer);
    }
    return promise;
  }

  #joined(entry: RosterEntry): void {
    if (!this.#deps.trust.mayLink(entry.device.type)) return;
    const isKnown = this.#connectors.has(entry.peerId);
    const connector = this.#place(entry);
    const { peer } = connector;
    connector.joined(this.#keeper.isChoosy);
    if (!isKnown) this.#events.peerJoined(peer);
    if (this.#keeper.owes(peer)) connector.offerIfFree();
    this.#keeper.greet(peer);
  }

  #place({ slot, peerId, device }: RosterEntry): Connector {
    let connector = this.#connectors.get(peerId);
    if (!connector) {
      connector = new Connector(new Peer(peerId, device), this.#connectorDeps, this.#events);
      this.#connectors.set(peerId, connector);
    }
    const { peer } = connector;
    peer.announced = device;
    peer.slot = slot;
    peer.placedAtMs = this.#deps.clock.monotonicMs();
    return connector;
  }

  /** It is not in the room: of a server that has just started, perhaps, or that others move to, and all come there. */
  #miss(connector: Connector): void {
    const { peer } = connector;
    if (peer.link || !this.#keeper.isChoosy) this.#leaveRoom(connector);
    else if (peer.slot !== null) {
      peer.slot = null;
      peer.placedAtMs = this.#deps.clock.monotonicMs();
    }
  }

  #leaveRoom(connector: Connector): void {
    connector.peer.slot = null;
    connector.leftRoom();
    this.#forgetIfGone(connector.peer);
  }

  /** A peer is there while any way to it is. */
  #forgetIfGone(peer: Peer): void {
    if ((peer.slot !== null && !this.#stopped) || peer.link || !this.#connectors.delete(peer.peerId)) return;
    this.#events.peerLeft(peer);
    if (!this.#stopped) this.#keeper.heal();
    else if (this.#connectors.size === 0) this.#stopped();
  }
}
