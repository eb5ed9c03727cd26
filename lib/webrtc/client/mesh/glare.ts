/**
 * Both sides have offered a link to each other at the same time. The one with the smaller id goes on with its own offer
 * and the other gives way: a rule that both know, so that one link comes of it and nobody has to ask.
 */
export function ownOfferWins(ownPeerId: string, otherPeerId: string): boolean {
  return ownPeerId < otherPeerId;
}
