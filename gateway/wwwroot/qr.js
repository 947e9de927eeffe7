// QR symbols (ISO/IEC 18004) for the alphabet of Base45: alphanumeric mode, versions 1 to 10, levels M and L.
// qr(text) uses level M, or L if M does not fit. Returns rows of modules, true = dark; null if neither fits.
// eslint-disable-next-line no-unused-vars
const qr = (() => {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
  const codewords = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
  const levels = { // by version: error correction codewords per block, and blocks; bits in the format
    M: { bits: 0, ecc: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26], blocks: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5] },
    L: { bits: 1, ecc: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18], blocks: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4] },
  };
  const masks = [
    (x, y) => (x + y) % 2, (x, y) => y % 2, x => x % 3, (x, y) => (x + y) % 3,
    (x, y) => ((y >> 1) + (x / 3 | 0)) % 2, (x, y) => x * y % 2 + x * y % 3,
    (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2,
  ];

  // GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1
  const exp = [], log = [];
  for (let i = 0, x = 1; i < 255; i++, x = x << 1 ^ (x > 127 ? 0x11d : 0)) exp[i] = exp[i + 255] = x, log[x] = i;
  const times = (a, b) => a && b ? exp[log[a] + log[b]] : 0;

  function remainder(data, degree) {
    let generator = [1];
    for (let i = 0; i < degree; i++) {
      const next = [...generator, 0];
      generator.forEach((g, j) => { next[j + 1] ^= times(g, exp[i]); });
      generator = next;
    }
    const rest = Array(degree).fill(0);
    for (const byte of data) {
      const lead = byte ^ rest.shift();
      rest.push(0);
      for (let j = 0; j < degree; j++) rest[j] ^= times(generator[j + 1], lead);
    }
    return rest;
  }

  function encode(text, version, level) {
    const bits = [];
    const put = (value, length) => { while (length--) bits.push(value >> length & 1); };
    put(2, 4);
    put(text.length, version < 10 ? 9 : 11);
    for (let i = 0; i < text.length; i += 2) {
      const a = alphabet.indexOf(text[i]);
      if (i + 1 < text.length) put(a * 45 + alphabet.indexOf(text[i + 1]), 11); else put(a, 6);
    }
    const total = codewords[version - 1], ecc = level.ecc[version - 1], blocks = level.blocks[version - 1];
    const room = total - ecc * blocks;
    if (bits.length > room * 8) return null;
    put(0, Math.min(4, room * 8 - bits.length));
    put(0, -bits.length & 7);
    for (let pad = 0xec; bits.length < room * 8; pad ^= 0xec ^ 0x11) put(pad, 8);
    const bytes = Array.from({ length: room }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2));
    const parts = [], long = room % blocks, size = room / blocks | 0;
    for (let i = 0, at = 0; i < blocks; i++) {
      const data = bytes.slice(at, at += size + (i >= blocks - long));
      parts.push({ data, rest: remainder(data, ecc) });
    }
    const out = [];
    for (let i = 0; i <= size; i++) for (const p of parts) if (i < p.data.length) out.push(p.data[i]);
    for (let i = 0; i < ecc; i++) for (const p of parts) out.push(p.rest[i]);
    return out;
  }

  const bch = (value, polynomial, length) => {
    let rest = value << length;
    for (let bit = 31 - Math.clz32(polynomial); 32 - Math.clz32(rest) > bit;)
      rest ^= polynomial << 31 - Math.clz32(rest) - bit;
    return value << length | rest;
  };

  function draw(bytes, version, level, mask) {
    const size = 17 + 4 * version, dark = [], fixed = [];
    for (let y = 0; y < size; y++) dark.push(Array(size).fill(false)), fixed.push(Array(size).fill(false));
    const set = (x, y, on) => { if (dark[y] && x >= 0 && x < size) dark[y][x] = !!on, fixed[y][x] = true; };
    const rings = (cx, cy, reach, light) => {
      for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++)
        set(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    };
    for (let i = 8; i < size - 8; i++) set(6, i, ~i & 1), set(i, 6, ~i & 1);
    rings(3, 3, 4, [2, 4]), rings(size - 4, 3, 4, [2, 4]), rings(3, size - 4, 4, [2, 4]);
    const last = size - 7, centres = version < 2 ? [] : version < 7 ? [6, last] : [6, 8 + 2 * version, last];
    for (const x of centres) for (const y of centres)
      if (!(x === 6 && y === 6 || x === 6 && y === last || x === last && y === 6)) rings(x, y, 2, [1]);
    const format = bch(level.bits << 3 | mask, 0x537, 10) ^ 0x5412;
    for (let i = 0; i < 15; i++) {
      const on = format >> i & 1;
      set(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, on);
      set(i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, 8, on);
    }
    set(8, size - 8, 1);
    if (version > 6) for (let i = 0, word = bch(version, 0x1f25, 12); i < 18; i++) {
      const a = i / 3 | 0, b = size - 11 + i % 3;
      set(a, b, word >> i & 1), set(b, a, word >> i & 1);
    }
    let i = 0;
    for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up)
      for (let k = 0; k < size; k++) for (const x of [right, right - 1]) {
        const y = up ? size - 1 - k : k;
        if (fixed[y][x]) continue;
        dark[y][x] = ((bytes[i >> 3] >> 7 - (i & 7) & 1) === 1) !== (masks[mask](x, y) === 0);
        i++;
      }
    return dark;
  }

  function penalty(rows) {
    const size = rows.length, lines = [...rows, ...rows.map((_, x) => rows.map(row => row[x]))];
    let score = 0, count = 0;
    for (const line of lines) {
      const text = line.map(Number).join('');
      for (const run of text.match(/0+|1+/g)) if (run.length > 4) score += run.length - 2;
      for (const finder of [/(?=10111010000)/g, /(?=00001011101)/g]) score += 40 * (text.match(finder) || []).length;
    }
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
      const c = rows[y][x];
      count += c;
      if (y && x && c === rows[y - 1][x] && c === rows[y][x - 1] && c === rows[y - 1][x - 1]) score += 3;
    }
    return score + 10 * Math.floor(Math.abs(count * 20 / size / size - 10));
  }

  return (text, forced) => {
    if ([...text].some(c => !alphabet.includes(c))) return null;
    for (const level of [levels.M, levels.L]) for (let version = 1; version <= 10; version++) {
      const bytes = encode(text, version, level);
      if (!bytes) continue;
      const made = (forced === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [forced]).map(m => draw(bytes, version, level, m));
      const scores = made.map(penalty);
      return made[scores.indexOf(Math.min(...scores))];
    }
    return null;
  };
})();
