import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { list, struct, text } from '../../wire/layout.ts';

export const deviceTypes = ['staff', 'pos', 'printer', 'kitchen-display', 'guest'] as const;
export type DeviceType = (typeof deviceTypes)[number];

/** What a device says of itself to the others in its room. */
export const deviceInfoSchema = s.object({
  type: s.picklist(deviceTypes),
  /** For people: `Front Desk iPad`. */
  name: s.text({ min: 1, max: limits.deviceNameCharacters }),
  /** What it can do: `orders`, `printing`. */
  capabilities: s.list(s.text({ min: 1, max: limits.capabilityCharacters }), { max: limits.capabilities }),
});

export type DeviceInfo = s.InferOutput<typeof deviceInfoSchema>;

export const deviceInfoLayout = struct({ type: text, name: text, capabilities: list(text) });
