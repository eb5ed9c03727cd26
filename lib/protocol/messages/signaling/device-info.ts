import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { type Role, roles } from '../../trust/roles.ts';
import { list, struct, text } from '../../wire/layout.ts';

/** A device's type is its role. */
export const deviceTypes = roles;
export type DeviceType = Role;

/** For people: `Front Desk iPad`. */
export const deviceNameSchema = s.text({ min: 1, max: limits.deviceNameCharacters });

/** What it can do: `orders`, `printing`. */
export const capabilitiesSchema = s.list(s.text({ min: 1, max: limits.capabilityCharacters }), {
  max: limits.capabilities,
});

/** What a device says of itself to the others in its room. */
export const deviceInfoSchema = s.object({
  type: s.picklist(deviceTypes),
  name: deviceNameSchema,
  capabilities: capabilitiesSchema,
});

export type DeviceInfo = s.InferOutput<typeof deviceInfoSchema>;

export const deviceInfoLayout = struct({ type: text, name: text, capabilities: list(text) });
