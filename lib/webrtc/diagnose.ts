import { loadDiagnosis } from './client/diagnose/load-diagnosis.ts';

/*
 * Whoever imports this has what `P2PConnection.diagnose()` otherwise loads when it is called, and the page's own server may
 * be out of reach.
 */
await loadDiagnosis();
