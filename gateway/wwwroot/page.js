'use strict';
(() => {
  const words = { // 中文, English
    title: ['健康码', 'Health Code'], language: ['English', '中文'], idNumber: ['身份证号', 'ID number'],
    phone: ['手机号', 'Mobile number'], sendCode: ['获取验证码', 'Send me a code'], otp: ['验证码', 'One-time code'],
    codeSent: ['若信息无误，验证码已发送至该手机。', 'If the details are right, a code is on its way to that phone.'],
    signIn: ['登录', 'Sign in'], back: ['返回', 'Back'], signOut: ['退出登录', 'Sign out'], token: ['令牌', 'Token'],
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
    'cause-pool-hold': ['混管异常，待单管复检', 'Pooled sample, to be retested alone'],
    'cause-positive': ['核酸检测阳性', 'Positive test'], 'cause-contact': ['密切接触', 'Close contact'],
    'cause-override': ['人工赋码', 'Set by staff'],
    expired: ['登录已失效，请重新登录', 'You have been signed out. Please sign in again.'],
    failed: ['服务暂时不可用，请稍后再试', 'The service is not available. Please try again.'],
    refused: ['信息有误，请核对', 'That was not accepted. Please check it.'],
  };
  const marks = { green: 'M4 13l5 5L20 6', yellow: 'M12 5v9M12 19v.1', red: 'M6 6l12 12M18 6L6 18', grey: 'M5 12h14',
    stale: 'M12 3a9 9 0 1 0 .1 0M12 7v5l4 2' };
  const stored = 'grid-token', longestPauseSeconds = 60, answerWithinMs = 8000;

  const $ = id => document.getElementById(id);
  let chinese = /^zh/i.test(navigator.language), token = sessionStorage.getItem(stored);
  let view, asked, timer, failures = 0, message;

  const t = (key, value) => words[key] ? words[key][chinese ? 0 : 1].replace('{}', value) : key.replace('cause-', '');
  const zoned = (when, options) =>
    new Intl.DateTimeFormat(chinese ? 'zh-CN' : 'en-GB', { timeZone: 'Asia/Shanghai', ...options }).format(new Date(when));
  const day = when => zoned(when, { dateStyle: 'medium' });
  const put = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };
  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    made.append(text, ...children);
    return made;
  };

  // One clock stands still while a phone sleeps, the other may be set: the longer time is the safe one.
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
    throw Object.assign(new Error(answer.status), {
      status: answer.status, wait: +answer.headers.get('Retry-After') || 0,
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

  function say(key) {
    message = key;
    $('message').hidden = !key;
    put('message', key ? t(key) : '');
  }

  function show() {
    document.documentElement.lang = chinese ? 'zh-CN' : 'en';
    document.title = t('title');
    for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
    put('language', t('language'));
    $('language').lang = chinese ? 'en' : 'zh-CN';
    $('sign-in').hidden = !!token;
    $('code').hidden = !token || !view;
    say(token && view ? null : message);
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
    $('causes').hidden = $('causes').previousElementSibling.hidden = !causes.length;
    $('causes').replaceChildren(...causes.map(c => {
      const item = element('li', `${t(c.colour)} · ${t(`cause-${c.kind}`)}`, element('small', [t('since', day(c.since)),
        c.until && t('until', day(c.until)), c.contest.appealable && t('appeal')].filter(Boolean).join(' · ')));
      item.className = c.colour;
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
    path.setAttribute('d', rows.map((row, y) =>
      row.map((dark, x) => dark ? `M${x + 4} ${y + 4}h1v1h-1z` : '').join('')).join(''));
    svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
    svg.setAttribute('shape-rendering', 'crispEdges');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', t('qr'));
    svg.append(path);
    $('symbol').replaceChildren(svg);
  }

  function tick() {
    if (!token || !view) return;
    const asOf = Date.parse(view.asOf), age = ageMs(), stale = asOf + age >= Date.parse(view.validUntil);
    // A running clock says "now": beside an old code it would lie, so it stops at the moment of the answer.
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
  }

  function signIn(value) {
    token = value;
    sessionStorage.setItem(stored, value);
    say(null);
    show();
    refresh();
  }

  function signOut(why) {
    clearTimeout(timer);
    sessionStorage.removeItem(stored);
    token = view = null;
    failures = 0;
    step(false);
    say(why);
    show();
  }

  function step(entering) {
    $('ask').hidden = entering;
    $('enter').hidden = !entering;
    $('otp').value = '';
  }

  const submit = (id, action) => $(id).addEventListener('submit', async event => {
    event.preventDefault();
    say(null);
    const button = event.target.querySelector('button');
    button.disabled = true;
    try { await action(); } catch (e) { say(e.status >= 400 && e.status < 500 && e.status !== 429 ? 'refused' : 'failed'); }
    button.disabled = false;
  });
  let challenge = '';
  const idNumber = () => $('id-number').value.trim().toUpperCase();
  submit('ask', async () => {
    challenge = (await call('/v1/sessions/challenge', { idNumber: idNumber(), phone: $('phone').value.trim() })).challengeId;
    step(true);
    $('otp').focus();
  });
  submit('enter', async () => {
    const session = await call('/v1/sessions', { challengeId: challenge, otp: $('otp').value.trim() });
    $('ask').reset();
    step(false);
    signIn(session.token);
  });
  submit('paste', () => {
    const value = $('token').value.trim();
    $('paste').reset();
    signIn(value);
  });
  $('again').addEventListener('click', () => step(false));
  $('sign-out').addEventListener('click', () => signOut(null));
  $('language').addEventListener('click', () => { chinese = !chinese; show(); });
  // A hidden page's timers sleep; whoever takes the phone out at the door wants the code of now.
  document.addEventListener('visibilitychange', () => { if (!document.hidden && token) refresh(); });
  addEventListener('online', () => { if (token) refresh(); });
  setInterval(tick, 500);
  show();
  if (token) refresh();
})();
