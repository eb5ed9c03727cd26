import { type Browser, launch } from 'puppeteer-core';
import { installed } from './apt.ts';

/** Debian's Firefox ESR, installed where this user may; `undefined` where it is not to be had. */
export const findFirefox = () => installed('firefox-esr', 'firefox-esr', { log: console.log });

export interface LaunchFirefoxOptions {
  /** Takes whatever certificate a server or a relay shows. Default: false. */
  acceptInsecureCerts?: boolean;
  /** As in `about:config`, besides those that every launch gets. */
  preferences?: Record<string, boolean | number | string>;
}

/** A new browser with a new profile, which is removed when the browser closes. It may use relays on this machine. */
export const launchFirefox = (
  executablePath: string,
  { acceptInsecureCerts = false, preferences = {} }: LaunchFirefoxOptions = {},
): Promise<Browser> =>
  launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    acceptInsecureCerts,
    extraPrefsFirefox: { 'media.peerconnection.ice.loopback': true, ...preferences },
  });
