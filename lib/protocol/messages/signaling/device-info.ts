import * as limits from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { type Role, roles } from '../../trust/roles.ts';
import { list, struct, text } from '../../wire/layout.ts';

/** A device's type is its role. */
export const deviceTypes = roles;
export type DeviceType = Role;
const deviceTypeSchema = s.picklist(deviceTypes);

/** For people: `Front Desk iPad`. */
export const deviceNameSchema = s.text({ min: 1, max: limits.deviceNameCharacters });

const capabilitySchema = s.text({ min: 1, max: limits.capabilityCharacters });
const capabilitiesBounds = { max: limits.capabilities };

/** What it can do: `orders`, `printing`. */
export const capabilitiesSchema = s.list(capabilitySchema, capabilitiesBounds);

/** What a device says of itself to the others in its room. */
export const deviceInfoSchema = s.object({
  type: deviceTypeSchema,
  name: deviceNameSchema,
  capabilities: capabilitiesSchema,
});

export type DeviceInfo = s.InferOutput<typeof deviceInfoSchema>;

export const deviceInfoLayout = struct({
  type: text(deviceTypeSchema),
  name: text(deviceNameSchema),
  capabilities: list(text(capabilitySchema), capabilitiesBounds),
});
