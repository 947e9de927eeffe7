// Parses typed, pasted and autofilled input. fields.phone(text) and the others return { value }, or { wrong, n }:
// the key of an error message, and its number.
// eslint-disable-next-line no-unused-vars
const fields = (() => {
  // A paste may contain invisible characters; blanks, dashes, dots and brackets only group digits.
  const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
  const grouping = /[\p{Z}\p{Pd}\p{M}().·・_/\u2212]/gu;
  // NFKC turns full-width digits and letters into plain ones.
  const compact = text => text.normalize('NFKC').replace(unseen, '').replace(grouping, '');
  const length = text => [...text].length;

  // The provinces of GB/T 2260. The service checks the rest of the region.
  const province = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/;
  // MOD 11-2: the weight of the digit at place i from the right is 2^i mod 11.
  const check = digits => '10X98765432'[[...digits].reduce((sum, digit, i) => sum + digit * (2 ** (17 - i) % 11), 0) % 11];
  const isDay = (year, month, day) => {
    const date = new Date(Date.UTC(year, month - 1, day));
    return year >= 1880 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  };

  return {
    idNumber(text) {
      const value = compact(text).toUpperCase();
      if (!value) return { wrong: 'needed' };
      if (/^\d{15}$/.test(value)) return { wrong: 'idOld' };
      if (!/^\d*X?$/.test(value)) return { wrong: 'idCharacters' };
      if (value.length !== 18) return { wrong: 'idLength', n: value.length };
      if (!province.test(value)) return { wrong: 'idRegion' };
      if (!isDay(+value.slice(6, 10), +value.slice(10, 12), +value.slice(12, 14))) return { wrong: 'idBirth' };
      return check(value.slice(0, 17)) === value[17] ? { value } : { wrong: 'idCheck' };
    },

    phone(text) {
      // The country code, and the former trunk prefix 0.
      const value = compact(text).replace(/^tel:/i, '').replace(/^(\+|00)?86(?=0?1|$)/, '').replace(/^0(?=1[3-9])/, '');
      if (!value) return { wrong: 'needed' };
      if (!/^\+?\d+$/.test(value)) return { wrong: 'phoneCharacters' };
      if (!/^1[3-9]/.test(value)) return { wrong: 'phoneStart' };
      return value.length === 11 ? { value } : { wrong: 'phoneLength', n: value.length };
    },

    name(text) {
      const value = text.normalize('NFC').replace(/[\t\r\n]/g, ' ').replace(unseen, '').replace(/\s+/g, ' ').trim();
      return value ? { value } : { wrong: 'needed' };
    },

    district: text => text ? { value: text } : { wrong: 'needed' },

    otp(text) {
      const value = compact(text);
      if (!value) return { wrong: 'needed' };
      return /^\d{6}$/.test(value) ? { value } : { wrong: 'otpForm', n: length(value) };
    },

    // A token copied from a terminal or a letter contains line breaks.
    token(text) {
      const value = text.replace(unseen, '').trim().replace(/^Bearer\s+/i, '').replace(/\s+/g, '');
      if (!value) return { wrong: 'needed' };
      return /^[\x21-\x7e]+$/.test(value) ? { value } : { wrong: 'tokenForm' };
    },
  };
})();
