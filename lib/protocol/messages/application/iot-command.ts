import * as s from '../../schema/index.ts';
import { idSchema, openObject, proseSchema } from '../../values/text.ts';

/** `done` only once the device itself has reported the new state. */
export const commandStatuses = ['requested', 'accepted', 'done', 'failed'] as const;

/** A wish to a thing in a room, and each later word on it: the same `commandId` with the new `status`. */
export const iotCommandMessage = s.strictObject({
  type: s.literal('iot-command'),
  command: openObject({
    commandId: idSchema,
    /** Which thing: `thermostat-205`. */
    deviceId: idSchema,
    /** What to do: `set-temperature`. */
    action: idSchema,
    /** Whatever the action takes: `{ celsius: 21 }`. */
    parameters: s.optional(openObject({})),
    roomNumber: s.optional(idSchema),
    status: s.optional(s.picklist(commandStatuses), 'requested'),
    reason: s.optional(proseSchema),
  }),
});

export type IotCommandMessage = s.InferOutput<typeof iotCommandMessage>;
