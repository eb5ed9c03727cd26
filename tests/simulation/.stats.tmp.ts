import { closeDown, liveThroughChaos } from '/work/main/tests/simulation/chaos.ts';
import { violationsOfPeace, violationsOfSilence } from '/work/main/tests/simulation/invariants.ts';
import { World } from '/work/main/tests/simulation/world.ts';
const from = Number(process.argv[2]), n = Number(process.argv[3]);
const verbose = process.argv[4];
let bad = 0;
process.on('uncaughtException', (e) => { console.log('UNCAUGHT', e); });
process.on('unhandledRejection', (e) => { console.log('UNHANDLED', e); });
for (let seed = from; seed < from + n; seed++) {
  const t = performance.now();
  const w = new World(seed);
  await liveThroughChaos(w);
  const v = violationsOfPeace(w);
  const sent = w.devices.reduce((s, d) => s + d.sent.length, 0);
  let got = 0; for (const d of w.devices) for (const l of d.received.values()) got += l.small.length + l.large.length;
  const errs: Record<string, number> = {};
  for (const d of w.devices) for (const e of d.errors) { const k = e.message.replace(/[a-z2-7]{26}/g, 'ID').replace(/device\d+#\d+/g,'PC').slice(0, 140); errs[k] = (errs[k] ?? 0) + 1; }
  const present = w.present().length;
  await closeDown(w);
  v.push(...violationsOfSilence(w));
  if (v.length) { bad++; console.log(`seed ${seed}: ${v.length}\n  ${v.slice(0, 6).join('\n  ')}`); }
  if (verbose) console.log(seed, w.devices.length, present, 'sent', sent, 'got', got, errs, (performance.now() - t | 0) + 'ms');
}
console.log('bad', bad);
