/* What the page of journal-store.test.ts has. */
export { IndexedDbStore } from '../../lib/webrtc/client/journal/store/indexeddb-store.browser.ts';
export { storeContract } from '../../lib/webrtc/client/journal/store/test-support/store-contract.ts';
