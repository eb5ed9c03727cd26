const shapes = {
  alert: 'M12 9v4m0 3.5v.5M10.3 4.2 2.8 17.5A2 2 0 0 0 4.5 20.5h15a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z',
  back: 'M19 12H5m6-6-6 6 6 6',
  bell: 'M6 9a6 6 0 1 1 12 0c0 6 2.5 7 2.5 7h-17S6 15 6 9m4 10.5a2.2 2.2 0 0 0 4 0',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  clock: 'M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  device: 'M7 3h10a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm4 15h2',
  door: 'M6 21V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v17M3 21h18M14.5 12v.5',
  minus: 'M6 12h12',
  note: 'M4 5h16M4 10h16M4 15h9',
  offline:
    'M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4m6.5.8A10 10 0 0 1 19 12.5M2 9a15 15 0 0 1 4.6-3m4-1A15 15 0 0 1 22 9M8.5 16a5 5 0 0 1 7 0M12 19.5v.5',
  plus: 'M12 6v12M6 12h12',
  printer: 'M7 9V3h10v6M7 18H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7z',
  receipt: 'M6 3v18l2-1.5 2 1.5 2-1.5 2 1.5 2-1.5 2 1.5V3ZM9 8h6m-6 4h6',
  recall: 'M4 9h11a5 5 0 0 1 0 10H9M8 5 4 9l4 4',
  send: 'M4 12 20 4l-5 16-3.5-6.5ZM11.5 13.5 20 4',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5Zm12-1a5 5 0 0 1 0 7m2.5-9.5a8.5 8.5 0 0 1 0 12',
  muted: 'M4 9.5v5h3.5L12 19V5L7.5 9.5Zm12 0 5 5m0-5-5 5',
  staff:
    'M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9a6.5 6.5 0 0 1 13 0M15.5 4.3a3.5 3.5 0 0 1 0 6.4M18 14.5a6.5 6.5 0 0 1 4 5.5',
  table: 'M3 9h18M5 9l-1.5 10M19 9l1.5 10M12 9v10M8 19h8M6 9V6h12v3',
  till: 'M4 14h16l1 6H3Zm2 0 1-6h10l1 6M9 8V4h6v4M9.5 11h5',
  x: 'm6.5 6.5 11 11m0-11-11 11',
};

export type IconName = keyof typeof shapes;

/** A drawing beside words; it says nothing that the words do not. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
