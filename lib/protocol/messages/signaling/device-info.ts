import * as v from 'valibot';
import { limits } from '../../limits.ts';
import { type Role, roles } from '../../trust/roles.ts';
import { list, struct, text } from '../../wire/layout.ts';

/** A device's type is its role. */
export const deviceTypes = roles;
export type DeviceType = Role;

/** What a device says of itself to the others in its room. */
export const deviceInfoSchema = v.object({
  type: v.picklist(deviceTypes),
  /** For people: `Front Desk iPad`. */
  name: v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.deviceNameCharacters)),
  /** What it can do: `orders`, `printing`. */
  capabilities: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.capabilityCharacters))),
    v.maxLength(limits.capabilities),
  ),
});

export type DeviceInfo = v.InferOutput<typeof deviceInfoSchema>;

export const deviceInfoLayout = struct({ type: text, name: text, capabilities: list(text) });
