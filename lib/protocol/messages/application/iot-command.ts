import * as v from 'valibot';
import { jsonSchema } from '../../values/json.ts';
import { idSchema, openObject, proseSchema } from '../../values/text.ts';

/** `done` only once the device itself has reported the new state. */
export const commandStatuses = ['requested', 'accepted', 'done', 'failed'] as const;

/** A wish to a thing in a room, and each later word on it: the same `commandId` with the new `status`. */
export const iotCommandMessage = v.strictObject({
  type: v.literal('iot-command'),
  command: openObject({
    commandId: idSchema,
    /** Which thing: `thermostat-205`. */
    deviceId: idSchema,
    /** What to do: `set-temperature`. */
    action: idSchema,
    /** Whatever the action takes: `{ celsius: 21 }`. */
    parameters: v.optional(v.record(v.string(), jsonSchema)),
    roomNumber: v.optional(idSchema),
    status: v.optional(v.picklist(commandStatuses), 'requested'),
    reason: v.optional(proseSchema),
  }),
});

export type IotCommandMessage = v.InferOutput<typeof iotCommandMessage>;
