import type { Money } from '@innmesh/protocol';

export const currency = 'EUR';

export interface MenuItem {
  itemId: string;
  name: string;
  description: string;
  price: Money;
  /** Of `allergens`. */
  contains: string[];
}

export interface Course {
  name: string;
  items: MenuItem[];
}

export const allergens = ['Gluten', 'Milk', 'Eggs', 'Nuts', 'Peanuts', 'Fish', 'Shellfish', 'Soy', 'Sesame', 'Celery'];

function item(itemId: string, name: string, amountMinor: number, description: string, ...contains: string[]): MenuItem {
  return { itemId, name, description, price: { amountMinor, currency }, contains };
}

/** A house's own menu would come from its till. */
export const menu: Course[] = [
  {
    name: 'Starters',
    items: [
      item('soup', 'Roast tomato soup', 850, 'Basil oil, sourdough', 'Gluten', 'Celery'),
      item('burrata', 'Burrata', 1350, 'Heritage beetroot, hazelnuts, sherry vinegar', 'Milk', 'Nuts'),
      item('prawns', 'Garlic prawns', 1490, 'Chilli, lemon, grilled bread', 'Shellfish', 'Gluten'),
    ],
  },
  {
    name: 'Mains',
    items: [
      item(
        'burger',
        'Cheeseburger',
        1850,
        'Dry-aged beef, cheddar, pickles, brioche',
        'Gluten',
        'Milk',
        'Eggs',
        'Sesame',
      ),
      item('seabass', 'Sea bass', 2600, 'Fennel, new potatoes, salsa verde', 'Fish', 'Milk'),
      item('risotto', 'Mushroom risotto', 1950, 'Aged parmesan, thyme', 'Milk', 'Celery'),
      item('curry', 'Chickpea curry', 1690, 'Coconut, spinach, basmati rice'),
    ],
  },
  {
    name: 'Sides',
    items: [
      item('fries', 'French fries', 550, 'Sea salt, aioli', 'Eggs'),
      item('greens', 'Green salad', 620, 'Shallots, mustard dressing'),
    ],
  },
  {
    name: 'Desserts',
    items: [
      item('tart', 'Lemon tart', 890, 'Crème fraîche', 'Gluten', 'Milk', 'Eggs'),
      item('sorbet', 'Raspberry sorbet', 650, 'Two scoops, mint'),
    ],
  },
  {
    name: 'Drinks',
    items: [
      item('water', 'Sparkling water', 420, '0.75 l'),
      item('spritz', 'Elderflower spritz', 980, 'Elderflower, mint, prosecco'),
      item('espresso', 'Espresso', 320, 'Single origin'),
    ],
  },
];
