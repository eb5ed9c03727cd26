import { expect, it } from 'vitest';
import { AnnouncedCandidates } from './announced-candidates.ts';

/** What an end is, at this address, that was seen as a peer-reflexive one. */
function typeAt(announced: AnnouncedCandidates, address: string, port: number, candidateType = 'prflx') {
  const seen = { id: 'R', type: 'remote-candidate', candidateType, address, port };
  const { address: ip, ...older } = seen;
  const reports = [seen, { ...older, ip }].map((entry) => new Map([['R', entry]]) as unknown as RTCStatsReport);
  const [type, same] = reports.map((report) => announced.correct(report).get('R').candidateType);
  expect(same).toBe(type);
  return type;
}

it('a relay that was seen before it was announced is known for one, and nothing else is taken for it', () => {
  const announced = new AnnouncedCandidates();
  expect(typeAt(announced, '203.0.113.5', 50_009)).toBe('prflx');
  announced.note('candidate:1 1 udp 2122260223 203.0.113.5 50010 typ host');
  announced.note('a=candidate:4 1 UDP 1047807 203.0.113.5 50009 typ relay raddr 0.0.0.0 rport 0');
  announced.note('candidate:5 1 udp 1047807 2001:db8::5 50010 typ relay raddr :: rport 0 generation 0');
  expect(typeAt(announced, '203.0.113.5', 50_009)).toBe('relay');
  expect(typeAt(announced, '2001:db8::5', 50_010)).toBe('relay');
  expect(typeAt(announced, '203.0.113.5', 50_010)).toBe('prflx');
  expect(typeAt(announced, '203.0.113.5', 50_009, 'host')).toBe('host');
});

it('a host that hides its address is known by its port, unless a router that keeps ports has that address', () => {
  const announced = new AnnouncedCandidates();
  announced.note('candidate:0 1 UDP 2122187007 1f1f3a4a-ff2b-4fe6-93f6-bdd049fe8b52.local 60050 typ host');
  expect(typeAt(announced, '192.0.2.7', 60_050)).toBe('host');
  expect(typeAt(announced, '192.0.2.7', 60_051)).toBe('prflx');
  announced.note('candidate:2 1 UDP 1685987327 192.0.2.7 60050 typ srflx raddr 0.0.0.0 rport 0');
  expect(typeAt(announced, '192.0.2.7', 60_050)).toBe('prflx');
});
