/** Whether two addresses are neighbours: the same one, or of one IPv4 network of 256. */
export function areNeighbours(one: string, other: string): boolean {
  const network = (address: string) => address.slice(0, address.lastIndexOf('.') + 1);
  return one === other || (network(one) !== '' && network(one) === network(other));
}
