import { formatTime } from '../shared/ui/format.ts';
import { Icon, type IconName } from '../shared/ui/icons.tsx';
import { useChanges } from '../shared/ui/use-changes.ts';
import type { LogEntry, StaffApp } from './staff-app.ts';

/** What came and went. */
export function Log({ app }: { app: StaffApp }) {
  useChanges(app);
  const entries = app.log;
  return (
    <section class="column" aria-labelledby="log-title">
      <h2 id="log-title">Messages</h2>
      {entries.length === 0 && (
        <div class="card empty">
          <Icon name="bell" />
          <p>Nothing came or went yet.</p>
        </div>
      )}
      <ol class="log" aria-live="polite" aria-relevant="additions">
        {entries.map((entry) => (
          <Entry key={entry.key} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry }: { entry: LogEntry }) {
  const { icon, headline, details, urgent } = describe(entry.message);
  return (
    <li class="card entry" data-testid="log-entry" data-type={entry.message.type} data-urgent={urgent === true}>
      <Icon name={icon} />
      <div>
        <strong>{headline}</strong>
        {details && <p>{details}</p>}
        <p class="muted">
          {entry.from ? `From ${entry.from}` : sentTo(entry)} · <span class="numeric">{formatTime(entry.at)}</span>
        </p>
      </div>
    </li>
  );
}

function sentTo({ sentTo = 0, receivedBy = 0 }: LogEntry): string {
  if (sentTo === 0) return 'Not sent: nobody was online';
  if (receivedBy === sentTo) return `Sent, ${sentTo === 1 ? 'the other device has it' : `all ${sentTo} have it`}`;
  return `Sent, ${receivedBy} of ${sentTo} have it`;
}

interface Description {
  icon: IconName;
  headline: string;
  details?: string;
  urgent?: boolean;
}

function describe(message: LogEntry['message']): Description {
  switch (message.type) {
    case 'notification': {
      const { title, body, priority } = message.notification;
      return {
        icon: 'bell',
        headline: title,
        details: body ?? '',
        urgent: priority === 'high' || priority === 'urgent',
      };
    }
    case 'room-assignment': {
      const { roomNumber, taskType, assignedTo, status, notes } = message.assignment;
      const headline = `Room ${roomNumber}: ${taskType}, ${status ?? 'assigned'}`;
      return { icon: 'door', headline, details: [`For ${assignedTo}`, notes].filter(Boolean).join('. ') };
    }
    case 'iot-command': {
      const { deviceId, action, parameters = {}, status } = message.command;
      const details = Object.entries(parameters).map(([name, value]) => `${name}: ${String(value)}`);
      return {
        icon: 'device',
        headline: `${deviceId}: ${action}`,
        details: [status ?? 'requested', ...details].join(', '),
      };
    }
    case 'order': {
      const { tableId, status, items } = message.order;
      const count = items.reduce((sum, { quantity }) => sum + quantity, 0);
      return {
        icon: 'table',
        headline: `Table ${tableId}: ${status}`,
        details: `${count} ${count === 1 ? 'dish' : 'dishes'}`,
      };
    }
    default:
      return { icon: 'note', headline: message.type };
  }
}
