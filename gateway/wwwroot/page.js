'use strict';
(() => {
  const words = { // 中文, English
    title: ['健康码', 'Health Code'], language: ['English', '中文'], idNumber: ['身份证号', 'ID number'],
    phone: ['手机号', 'Mobile number'], sendCode: ['获取验证码', 'Send me a code'], otp: ['验证码', 'One-time code'],
    fullName: ['姓名', 'Name'], district: ['所在区县', 'District where you live'],
    codeSent: ['若信息与登记一致，验证码已发送至该手机。', 'If these are the registered details, a code is on its way to that phone.'],
    codeSentNew: ['验证码已发送至该手机。若您已登记过，通知会发到登记的手机，请直接登录。',
      'A code is on its way to that phone. If you are registered already, a notice goes to the registered phone instead: please sign in.'],
    signIn: ['登录', 'Sign in'], back: ['返回', 'Back'], signOut: ['退出登录', 'Sign out'], token: ['令牌', 'Token'],
    register: ['登记', 'Register'], registerFirst: ['首次使用？登记', 'First time here? Register'],
    registered: ['已登记？登录', 'Registered already? Sign in'],
    registerWhy: ['登记后即可领取健康码。', 'Register once to get your health code.'],
    haveToken: ['使用令牌登录', 'Sign in with a token'], causes: ['原因', 'Reasons'],
    green: ['绿码', 'Green'], yellow: ['黄码', 'Yellow'], red: ['红码', 'Red'], grey: ['无码', 'No code'],
    greenAdvice: ['请出示二维码', 'Show this code at the door'], yellowAdvice: ['部分场所不予通行', 'Some doors stay closed'],
    redAdvice: ['请勿外出', 'Please stay where you are'], greyAdvice: ['暂时无法给出健康码', 'None can be given now'],
    was: ['上次：', 'Last seen: '], notCurrent: ['已过期，不能作为通行凭证', 'Out of date: not valid at a door'],
    noSymbol: ['恢复连接后显示二维码', 'The symbol returns when the service answers'], qr: ['健康码二维码', 'QR symbol of the code'],
    updated: ['{}前更新', 'Updated {} ago'], offline: ['无法连接服务，{}前更新', 'Service out of reach. Updated {} ago'],
    test: ['核酸检测', 'Test'], negative: ['阴性', 'Negative'], positive: ['阳性', 'Positive'],
    inconclusive: ['无法判定', 'Inconclusive'], invalid: ['无效', 'Invalid'], none: ['无记录', 'None on record'],
    sampled: ['已采样，等待结果', 'Sampled, waiting for the result'], overdue: ['已采样，结果逾期', 'Sampled, the result is overdue'],
    collected: ['{}前采样', 'Sampled {} ago'], doses: ['疫苗接种', 'Vaccination'], dose: ['{} 剂', 'Doses: {}'],
    last: ['最近 {}', 'last on {}'], since: ['自 {}', 'since {}'], until: ['至 {}', 'until {}'], appeal: ['可申诉', 'can be appealed'],
    'release-single-retest': ['待单管复检', 'awaiting single retest'], 'release-two-negatives': ['两次检测阴性后解除', 'ends after two negative tests'],
    'release-decision': ['待工作人员决定', 'ends by a decision of the staff'],
    expected: ['预计 {}', 'expected by {}'],
    'cause-pool-hold': ['混管结果异常', 'Pooled sample was not negative'],
    'cause-positive': ['核酸检测阳性', 'Positive test'], 'cause-contact': ['密切接触', 'Close contact'],
    'cause-override': ['人工赋码', 'Set by staff'],
    expired: ['登录已失效，请重新登录', 'You have been signed out. Please sign in again.'],
    failed: ['服务暂时不可用，请稍后再试', 'The service is not available. Please try again.'],
    refused: ['信息有误，请核对', 'That was not accepted. Please check it.'],
    tooMany: ['尝试次数过多，请{}后再试', 'Too many attempts. Please try again in {}.'],
    needed: ['请填写', 'Please fill this in.'],
    idOld: ['15 位旧号码已停用，请填写 18 位身份证号', 'Numbers of 15 digits are no longer valid. Enter the one of 18.'],
    idCharacters: ['身份证号为 17 位数字加 1 位数字或 X', 'An ID number has 17 digits, then a digit or X.'],
    idLength: ['身份证号应为 18 位，现为 {} 位', 'An ID number has 18 characters. This one has {}.'],
    idRegion: ['前两位不是有效的省份代码', 'The first two digits are not the code of a province.'],
    idBirth: ['第 7 至 14 位不是有效的出生日期', 'Digits 7 to 14 are not a date of birth.'],
    idCheck: ['校验位不符，请检查是否有一位输错', 'The last character does not fit the others. One of them is wrong.'],
    'id-number-invalid': ['身份证号无效，请核对', 'This is not a valid ID number. Please check it.'],
    phoneCharacters: ['手机号只含数字', 'A mobile number has only digits.'],
    phoneStart: ['请填写 13 至 19 开头的大陆手机号', 'Enter a mobile number of the mainland. It starts with 13 to 19.'],
    phoneLength: ['手机号应为 11 位，现为 {} 位', 'A mobile number has 11 digits. This one has {}.'],
    'phone-invalid': ['手机号无效，请核对', 'This is not a valid mobile number. Please check it.'],
    'name-invalid': ['姓名含有不可用的字符，或超过 60 个字', 'The name has characters that can’t be used, or more than 60 of them.'],
    'district-unknown': ['请选择区县', 'Please choose a district.'],
    otpForm: ['验证码为 6 位数字，现为 {} 位', 'The code is 6 digits. This is {} characters.'],
    'sign-in-refused': ['验证码错误或已失效，请核对，或返回重新获取', 'The code is wrong or too old. Check it, or go back for a new one.'],
    'identity-refused': ['身份证号与姓名不符', 'The ID number and the name don’t belong together.'],
    tokenForm: ['这不是令牌', 'This is not a token.'],
  };
  const marks = { green: 'M4 13l5 5L20 6', yellow: 'M12 5v9M12 19v.1', red: 'M6 6l12 12M18 6L6 18', grey: 'M5 12h14',
    stale: 'M12 3a9 9 0 1 0 .1 0M12 7v5l4 2' };
  const longestPauseSeconds = 60, answerWithinMs = 8000;

  const $ = id => document.getElementById(id);
  // A browser may refuse storage; the page still works, until it is closed.
  const kept = (kind, key) => { try { return window[kind].getItem(key); } catch { return null; } };
  const keep = (kind, key, value) => {
    try { if (value === null) window[kind].removeItem(key); else window[kind].setItem(key, value); } catch { /* not kept */ }
  };
  let chinese = /^zh/i.test(kept('localStorage', 'grid-language') || navigator.language);
  let token = kept('sessionStorage', 'grid-token');
  // The pending challenge or registration. It survives a switch to the messages app and back.
  let pending = JSON.parse(kept('sessionStorage', 'grid-pending')), registering = !!pending?.registering;
  let view, asked, timer, failures = 0, message, messageSeconds, wrong = {};

  const t = (key, value) => words[key] ? words[key][chinese ? 0 : 1].replace('{}', value) : key.replace('cause-', '');
  const zoned = (when, options) =>
    new Intl.DateTimeFormat(chinese ? 'zh-CN' : 'en-GB', { timeZone: 'Asia/Shanghai', ...options }).format(new Date(when));
  const day = when => zoned(when, { dateStyle: 'medium' });
  const moment = when => zoned(when, { dateStyle: 'medium', timeStyle: 'short' });
  const put = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };
  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    made.append(text, ...children);
    return made;
  };

  // One clock stops while a phone sleeps, the other may be set: use the longer time, to be safe.
  const ageMs = () => Math.max(performance.now() - asked.steady, Date.now() - asked.wall);
  const span = ms => {
    const s = Math.max(0, Math.round(ms / 1000)), [n, zh, en] =
      s < 100 ? [s, '秒', 's'] : s < 6000 ? [s / 60, '分钟', 'min'] : s < 259200 ? [s / 3600, '小时', 'h'] : [s / 86400, '天', 'days'];
    return `${Math.floor(n)} ${chinese ? zh : en}`;
  };

  async function call(path, body) {
    const headers = body ? { 'Content-Type': 'application/json' } : { Authorization: `Bearer ${token}` };
    const answer = await fetch(path, {
      method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body),
      cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(answerWithinMs),
    });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(answer.status), {
      status: answer.status, code: problem.code, wait: +answer.headers.get('Retry-After') || 0,
    });
  }

  async function refresh() {
    clearTimeout(timer);
    const mine = token, sent = { steady: performance.now(), wall: Date.now() };
    let pause;
    try {
      const answer = await call('/v1/me/code');
      if (mine !== token) return;
      view = answer, asked = sent, failures = 0;
      pause = answer.refreshAfterSeconds;
      show();
    } catch (e) {
      if (mine !== token) return;
      if (e.status === 401 || e.status === 403) return signOut('expired');
      pause = Math.max(e.wait || 0, Math.min(longestPauseSeconds, 2 ** ++failures) * (0.5 + Math.random() / 2));
      if (!view) say('failed');
      tick();
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, Math.max(1, pause) * 1000);
  }

  function say(key, seconds) {
    message = key, messageSeconds = seconds;
    $('message').hidden = !key;
    put('message', key ? t(key, seconds && span(seconds * 1000)) : '');
  }

  // Shows an input's error beside it.
  function blame(id, error) {
    if (error) wrong[id] = error; else delete wrong[id];
    $(id).setAttribute('aria-invalid', !!error);
    put(`${id}-wrong`, error ? t(error.wrong, error.n) : '');
  }

  // The values of these inputs; null if any is invalid: then each shows its error, and the first gets the focus.
  function read(inputs) {
    const values = {};
    for (const [id, field] of Object.entries(inputs)) {
      const found = fields[field]($(id).value);
      blame(id, found.wrong && found);
      if (!found.wrong) values[field] = $(id).value = found.value;
    }
    const first = Object.keys(inputs).find(id => wrong[id]);
    if (!first) return values;
    $(first).focus();
    return null;
  }

  function show() {
    document.documentElement.lang = chinese ? 'zh-CN' : 'en';
    document.title = t('title');
    for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
    put('language', t('language'));
    $('language').lang = chinese ? 'en' : 'zh-CN';
    $('sign-in').hidden = !!token;
    $('code').hidden = !token || !view;
    say(token && view ? null : message, messageSeconds);
    for (const id of Object.keys(wrong)) blame(id, wrong[id]);
    for (const node of document.querySelectorAll('.registering')) node.hidden = !registering;
    for (const option of $('district').options) option.text = option.dataset[chinese ? 'zh' : 'en'] || '';
    put('register', t(registering ? 'registered' : 'registerFirst'));
    put('sent', t(registering ? 'codeSentNew' : 'codeSent'));
    put('confirm', t(registering ? 'register' : 'signIn'));
    $('ask').hidden = !!pending;
    $('enter').hidden = !pending;
    if (!token || !view) return;

    const { test, vaccination, causes } = view;
    put('name', view.name);
    const sampled = test.collectedAt && t('collected', span(Date.parse(view.asOf) - Date.parse(test.collectedAt)));
    const facts = [
      ['test', t(test.result || test.state), sampled, test.result && test.state !== 'resulted' && t(test.state)],
      ['doses', t('dose', vaccination.doses), vaccination.lastAt && t('last', day(vaccination.lastAt))],
    ];
    $('facts').replaceChildren(...facts.flatMap(([key, text, ...small]) =>
      [element('dt', t(key)), element('dd', text, ...small.filter(Boolean).map(each => element('small', each)))]));
    $('causes').replaceChildren(...causes.map(c => {
      const release = words[`release-${c.release?.how}`] && t(`release-${c.release.how}`), by = c.release?.expectedBy;
      const item = element('li', `${t(c.colour)} · ${t(`cause-${c.kind}`)}`, element('small', [t('since', day(c.since)),
        c.until && t('until', day(c.until)), release, release && by && t('expected', moment(by)),
        c.contest?.appealable === true && t('appeal')].filter(Boolean).join(' · ')));
      item.className = c.colour;
      item.until = c.until ? Date.parse(c.until) : Infinity;
      return item;
    }));
    drawSymbol();
    tick();
  }

  function drawSymbol() {
    const rows = view.token && qr(view.token);
    if (!rows) return $('symbol').replaceChildren();
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), size = rows.length + 8;
    const path = document.createElementNS(svg.namespaceURI, 'path');
    // The image includes the quiet zone of four light modules: the page around it may be dark.
    const ground = document.createElementNS(svg.namespaceURI, 'rect');
    ground.setAttribute('width', size);
    ground.setAttribute('height', size);
    ground.setAttribute('fill', '#fff');
    path.setAttribute('d', rows.map((row, y) =>
      row.map((dark, x) => dark ? `M${x + 4} ${y + 4}h1v1h-1z` : '').join('')).join(''));
    svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
    svg.setAttribute('shape-rendering', 'crispEdges');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', t('qr'));
    svg.append(ground, path);
    $('symbol').replaceChildren(svg);
  }

  function tick() {
    if (!token || !view) return;
    const asOf = Date.parse(view.asOf), age = ageMs(), stale = asOf + age >= Date.parse(view.validUntil);
    // A running clock implies a current code, so beside a stale one it stops at the time of the answer.
    const at = stale ? asOf : asOf + age;
    put('time', zoned(at, { timeStyle: 'medium', hourCycle: 'h23' }));
    put('date', zoned(at, { dateStyle: 'full' }));
    $('card').className = `${stale ? 'stale' : view.colour} ${failures ? 'offline' : ''}`;
    $('mark').setAttribute('d', marks[stale ? 'stale' : view.colour]);
    put('colour', (stale ? t('was') : '') + t(view.colour));
    put('advice', t(stale ? 'notCurrent' : `${view.colour}Advice`));
    if (stale && $('symbol').firstChild?.localName !== 'p') $('symbol').replaceChildren(element('p', ''));
    if (stale) $('symbol').firstChild.textContent = t('noSymbol');
    put('state', t(failures || stale ? 'offline' : 'updated', span(age)));
    // Hide causes that have ended since the answer.
    const items = [...$('causes').children];
    for (const item of items) item.hidden = item.until <= at;
    $('causes').hidden = $('causes').previousElementSibling.hidden = items.every(item => item.hidden);
  }

  function signIn(value) {
    setPending(null);
    registering = false;
    for (const id of ['ask', 'enter', 'paste']) $(id).reset();
    token = value;
    keep('sessionStorage', 'grid-token', value);
    say(null);
    show();
    refresh();
  }

  function signOut(why) {
    clearTimeout(timer);
    keep('sessionStorage', 'grid-token', null);
    token = view = null;
    failures = 0;
    setPending(null);
    say(why);
    show();
  }

  function setPending(next) {
    pending = next;
    keep('sessionStorage', 'grid-pending', next && JSON.stringify(next));
    $('otp').value = '';
    for (const id of Object.keys(wrong)) blame(id);
  }

  // The input of each error code. The code is also the key of the message.
  const blamed = { 'id-number-invalid': 'id-number', 'phone-invalid': 'phone', 'name-invalid': 'full-name',
    'district-unknown': 'district', 'sign-in-refused': 'otp' };
  function explain(e) {
    const input = blamed[e.code];
    if (input && $(input).offsetParent) {
      blame(input, { wrong: e.code });
      $(input).focus();
    } else if (e.status === 429) {
      say('tooMany', e.wait || longestPauseSeconds);
    } else {
      say(words[e.code] ? e.code : e.status >= 400 && e.status < 500 ? 'refused' : 'failed');
    }
  }

  const submit = (id, action) => $(id).addEventListener('submit', async event => {
    event.preventDefault();
    say(null);
    const button = event.target.querySelector('button');
    button.disabled = true;
    try { await action(); } catch (e) { explain(e); }
    button.disabled = false;
  });
  submit('ask', async () => {
    const values = read(registering
      ? { 'id-number': 'idNumber', 'full-name': 'name', phone: 'phone', district: 'district' }
      : { 'id-number': 'idNumber', phone: 'phone' });
    if (!values) return;
    const answer = await call(registering ? '/v1/registrations' : '/v1/sessions/challenge', values);
    setPending({ registering, id: registering ? answer.registrationId : answer.challengeId });
    show();
    $('otp').focus();
  });
  submit('enter', async () => {
    const values = read({ otp: 'otp' });
    if (!values) return;
    const session = await (registering
      ? call(`/v1/registrations/${encodeURIComponent(pending.id)}/confirm`, values)
      : call('/v1/sessions', { challengeId: pending.id, ...values }));
    signIn(session.token);
  });
  submit('paste', () => {
    const values = read({ token: 'token' });
    if (values) signIn(values.token);
  });
  $('again').addEventListener('click', () => { say(null); setPending(null); show(); });
  $('register').addEventListener('click', () => { registering = !registering; say(null); setPending(null); show(); });
  $('sign-out').addEventListener('click', () => signOut(null));
  $('language').addEventListener('click', () => {
    chinese = !chinese;
    keep('localStorage', 'grid-language', chinese ? 'zh-CN' : 'en');
    show();
  });
  // Timers of a hidden page pause; refresh so that the code is current when the phone is shown at the door.
  document.addEventListener('visibilitychange', () => { if (!document.hidden && token) refresh(); });
  addEventListener('online', () => { if (token) refresh(); });
  setInterval(tick, 500);
  show();
  if (token) refresh();
})();
