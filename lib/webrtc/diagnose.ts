/** Loads at once what `P2PConnection.diagnose()` otherwise loads when it is called, and the page's server may be gone. */
import './client/diagnose/diagnose.ts';
