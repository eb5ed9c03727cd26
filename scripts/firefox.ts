import { type Browser, launch } from 'puppeteer-core';
import { installed } from './apt.ts';

/** Debian's Firefox ESR, installed where this user may; `undefined` where it is not to be had. */
export const findFirefox = () => installed('firefox-esr', 'firefox-esr', { log: console.log });

/** A new browser with a new profile, which is removed when the browser closes. It may use relays on this machine. */
export const launchFirefox = (executablePath: string): Promise<Browser> =>
  launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: { 'media.peerconnection.ice.loopback': true },
  });
