import { useSignal } from '@preact/signals';
import { Icon, type IconName } from '../shared/ui/icons.tsx';
import { houseName, pageSettings } from '../shared/ui/page-settings.ts';
import { QrCode } from '../shared/ui/qr-code.tsx';

interface Example {
  path: string;
  icon: IconName;
  name: string;
  words: string;
}

const groups: { title: string; words: string; examples: Example[] }[] = [
  {
    title: 'Restaurant orders',
    words: 'From the table to the kitchen, and back.',
    examples: [
      { path: 'guest/', icon: 'table', name: 'Guest', words: 'A menu at the table; the order’s way, live.' },
      { path: 'kitchen/', icon: 'bell', name: 'Kitchen display', words: 'Tickets from new to served, by touch.' },
    ],
  },
  {
    title: 'Receipts',
    words: 'From the till to one printer, with a word back.',
    examples: [
      { path: 'pos/', icon: 'till', name: 'Till', words: 'A bill, a charge, and what became of the receipt.' },
      { path: 'printer/', icon: 'printer', name: 'Printer', words: 'Draws the paper; ESC/POS and StarPRNT.' },
    ],
  },
  {
    title: 'Staff',
    words: 'Notifications, rooms, and the things in them.',
    examples: [
      { path: 'staff/', icon: 'staff', name: 'Staff device', words: 'Send and see messages; who is online, and how.' },
    ],
  },
];

const thisMachineOnly = 'Open this page by this machine’s address on the WiFi first: a phone cannot reach “localhost”.';

function isThisMachineOnly(): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
}

/** Where to go from here, on which device. */
export function LandingPage() {
  const settings = pageSettings();
  const tenant = useSignal(settings.tenant);
  const table = useSignal(settings.table);
  const address = (path: string) => {
    const parameters = new URLSearchParams(settings.parameters);
    parameters.set('tenant', tenant.value.trim() || 'demo-hotel');
    if (path === 'guest/') parameters.set('table', table.value.trim() || '5');
    else parameters.delete('table');
    return `${path}?${parameters}`;
  };
  const guestUrl = new URL(address('guest/'), location.href).href;
  return (
    <main class="landing">
      <header>
        <p class="house">Innmesh examples</p>
        <h1>The devices of {houseName(tenant.value) || 'a hotel'}, talking directly</h1>
        <p class="muted">
          Open two of these on two devices of one WiFi, or in two windows. Each shows how it is connected.
        </p>
      </header>
      <form class="card settings" onSubmit={(event) => event.preventDefault()}>
        <Setting label="Property" signal={tenant} />
        <Setting label="Table" signal={table} />
      </form>
      <div class="groups">
        {groups.map(({ title, words, examples }) => (
          <section key={title} aria-labelledby={title}>
            <h2 id={title}>{title}</h2>
            <p class="muted">{words}</p>
            <ul>
              {examples.map((example) => (
                <li key={example.path}>
                  <ExampleLink example={example} href={address(example.path)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        <aside class="card phone">
          <QrCode text={guestUrl} label={`QR code of the guest’s page for table ${table.value}`} />
          <p>
            <strong>On a phone</strong>
            <span class="muted">
              The guest’s page for table {table.value || '5'}.{isThisMachineOnly() && ` ${thisMachineOnly}`}
            </span>
          </p>
        </aside>
      </div>
    </main>
  );
}

function Setting({ label, signal }: { label: string; signal: { value: string } }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        maxLength={64}
        value={signal.value}
        onInput={({ currentTarget }) => {
          signal.value = currentTarget.value;
        }}
      />
    </label>
  );
}

function ExampleLink({ example: { icon, name, words }, href }: { example: Example; href: string }) {
  return (
    <a class="card example" href={href}>
      <Icon name={icon} />
      <span>
        <strong>{name}</strong>
        <span class="muted">{words}</span>
      </span>
    </a>
  );
}
