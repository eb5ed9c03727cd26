import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Icon } from '../shared/ui/icons.tsx';
import { useChanges } from '../shared/ui/use-changes.ts';
import type { StaffApp } from './staff-app.ts';

const kinds = ['Notification', 'Room', 'Device'] as const;

/** Writes one of the three messages that staff send. */
export function Compose({ app }: { app: StaffApp }) {
  useChanges(app);
  const kind = useSignal<(typeof kinds)[number]>('Notification');
  return (
    <section class="card compose" aria-label="New message">
      <fieldset>
        <legend class="visually-hidden">Kind of message</legend>
        <div class="chips">
          {kinds.map((name) => (
            <label class="chip" key={name}>
              <input
                type="radio"
                name="kind"
                checked={kind.value === name}
                onChange={() => {
                  kind.value = name;
                }}
              />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      {kind.value === 'Notification' && <NotificationForm app={app} />}
      {kind.value === 'Room' && <AssignmentForm app={app} />}
      {kind.value === 'Device' && <CommandForm app={app} />}
      {app.devices.length === 0 && <p class="muted alone">Nobody else is online: nothing can be sent now.</p>}
    </section>
  );
}

function NotificationForm({ app }: { app: StaffApp }) {
  return (
    <MessageForm
      app={app}
      send={(text) => app.notify({ title: text('title'), priority: readPriority(text('priority')) })}
    >
      <Field label="Message" name="title" placeholder="Table 5 asks for the bill" maxLength={200} />
      <label class="field">
        <span>Priority</span>
        <select class="input" name="priority">
          <option value="normal">Normal</option>
          <option value="high">High</option>
          <option value="urgent">Urgent</option>
        </select>
      </label>
    </MessageForm>
  );
}

function AssignmentForm({ app }: { app: StaffApp }) {
  const staff = app.devices.filter(({ deviceInfo }) => deviceInfo.type === 'staff');
  const send = (text: (name: string) => string) => {
    const notes = text('notes');
    const task = { roomNumber: text('room'), taskType: text('task'), assignedTo: text('who') };
    app.assign({ ...task, ...(notes && { notes }) });
  };
  return (
    <MessageForm app={app} send={send}>
      <div class="pair">
        <Field label="Room" name="room" placeholder="205" maxLength={20} />
        <label class="field">
          <span>Task</span>
          <select class="input" name="task">
            <option value="clean">Clean</option>
            <option value="inspect">Inspect</option>
            <option value="turndown">Turndown</option>
            <option value="repair">Repair</option>
          </select>
        </label>
      </div>
      <label class="field">
        <span>For</span>
        <input class="input" name="who" list="staff" required maxLength={100} placeholder="Maria" />
        <datalist id="staff">
          {staff.map(({ peerId, deviceInfo }) => (
            <option key={peerId} value={deviceInfo.name} />
          ))}
        </datalist>
      </label>
      <Field label="Note" name="notes" placeholder="Guest checks out at noon" maxLength={300} optional />
    </MessageForm>
  );
}

const commands = {
  'Set the temperature to 21 °C': { device: 'thermostat', action: 'set-temperature', parameters: { celsius: 21 } },
  'Lights off': { device: 'lights', action: 'switch-off', parameters: {} },
  'Open the blinds': { device: 'blinds', action: 'open', parameters: {} },
};

function CommandForm({ app }: { app: StaffApp }) {
  const send = (text: (name: string) => string) => {
    const roomNumber = text('room');
    const { device, action, parameters } = commands[text('command') as keyof typeof commands];
    app.command({ deviceId: `${device}-${roomNumber}`, action, parameters, roomNumber });
  };
  return (
    <MessageForm app={app} send={send}>
      <Field label="Room" name="room" placeholder="205" maxLength={20} />
      <label class="field">
        <span>What to do</span>
        <select class="input" name="command">
          {Object.keys(commands).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </MessageForm>
  );
}

interface MessageFormProps {
  app: StaffApp;
  /** `text` reads a field by its name. */
  send(text: (name: string) => string): void;
  children: ComponentChildren;
}

function MessageForm({ app, send, children }: MessageFormProps) {
  useChanges(app);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        send((name) => String(fields.get(name) ?? '').trim());
        event.currentTarget.reset();
      }}
    >
      {children}
      <button class="button primary wide" type="submit" disabled={app.devices.length === 0}>
        <Icon name="send" /> Send
      </button>
    </form>
  );
}

interface FieldProps {
  label: string;
  name: string;
  placeholder: string;
  maxLength: number;
  optional?: boolean;
}

function Field({ label, optional = false, ...input }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        required={!optional}
        pattern={optional ? undefined : '.*\\S.*'}
        autocomplete="off"
        {...input}
      />
    </label>
  );
}

function readPriority(value: string): 'normal' | 'high' | 'urgent' {
  return value === 'high' || value === 'urgent' ? value : 'normal';
}
