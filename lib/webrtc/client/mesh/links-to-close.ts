/** A link that stands and may be given up by this device. */
export interface StandingLink {
  readonly peerId: string;
  /** Since it was made, chosen or talked on. */
  readonly idleMs: number;
  readonly talk: number;
  /** The peer lacks messages that were sent to it. */
  readonly isAwaited: boolean;
}

/** How long a link is kept that nobody chooses and nothing was said on. */
const IDLE_MS = 60_000;
/** One message of ten minutes ago: who has been talked to less is no neighbour for it. */
const LITTLE_TALK = 0.5;

/**
 * Which links to end of those that are not chosen. As many as there is room for are kept where much is said; while a
 * chosen link does not stand, the others make up for it.
 */
export function linksToClose(
  others: readonly StandingLink[],
  chosen: { count: number; standing: number },
  limit: number,
): string[] {
  const isNeeded = ({ talk }: StandingLink) => chosen.standing < chosen.count || talk >= LITTLE_TALK;
  const room = Math.max(0, limit - chosen.standing);
  const isIdle = ({ idleMs, isAwaited }: StandingLink) => idleMs >= IDLE_MS && !isAwaited;
  return others
    .toSorted((a, b) => Number(isIdle(a)) - Number(isIdle(b)) || b.talk - a.talk)
    .filter((link, rank) => isIdle(link) && (rank >= room || !isNeeded(link)))
    .map(({ peerId }) => peerId);
}
