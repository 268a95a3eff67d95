// Hints while a new password is typed, and a button that shows it. Without this script nothing is lost: the rules are
// written on the page, and the server alone decides.
(function () {
  'use strict';

  var tests = {
    upper: function (text) { return hasCase(text, true); },
    lower: function (text) { return hasCase(text, false); },
    digit: function (text) { return /[0-9]/.test(text); },
    special: hasSpecial
  };

  function hasCase(text, upper) {
    for (var i = 0; i < text.length; i++) {
      var c = text.charAt(i);
      if (c.toLowerCase() !== c.toUpperCase() && c === (upper ? c.toUpperCase() : c.toLowerCase())) return true;
    }
    return false;
  }

  function hasSpecial(text) {
    for (var i = 0; i < text.length; i++) {
      var c = text.charAt(i);
      if (!/[0-9]/.test(c) && c.toLowerCase() === c.toUpperCase()) return true;
    }
    return false;
  }

  function length(text) {
    var composed = text.normalize ? text.normalize('NFC') : text;
    return Array.from ? Array.from(composed).length : composed.length;
  }

  // Small letters without accents: the login is jose.garcia, the name José García.
  function fold(text) {
    return (text.normalize ? text.normalize('NFD').replace(/[\u0300-\u036f]/g, '') : text).toLowerCase();
  }

  function holds(rule, text, input) {
    if (rule === 'length') return length(text) >= Number(input.getAttribute('data-min-length') || 0);
    if (rule === 'classes') {
      var found = ['upper', 'lower', 'digit', 'special'].filter(function (name) { return tests[name](text); });
      return found.length >= Number(input.getAttribute('data-classes') || 0);
    }
    if (rule === 'login') {
      var parts = fold(input.getAttribute('data-login') || '').split(/[.]/).filter(function (part) {
        return part.length > 2;
      });
      return text !== '' && parts.every(function (part) { return fold(text).indexOf(part) < 0; });
    }
    return tests[rule] ? tests[rule](text) : null;
  }

  function follow(input) {
    var box = document.getElementById(input.id + '-regles');
    if (!box) return;
    var items = Array.prototype.slice.call(box.querySelectorAll('[data-rule]'));
    items.forEach(function (item) {
      var state = document.createElement('span');
      state.className = 'hidden';
      item.appendChild(state);
    });
    function check() {
      items.forEach(function (item) {
        var met = holds(item.getAttribute('data-rule'), input.value, input);
        if (met === null) return;
        item.className = met ? 'met' : '';
        item.lastChild.textContent = input.value === '' ? ''
          : ' (' + input.getAttribute(met ? 'data-ok' : 'data-missing') + ')';
      });
    }
    input.addEventListener('input', check);
    check();
  }

  function addButton(input) {
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'show';
    button.setAttribute('aria-controls', input.id);
    function name() {
      button.textContent = input.getAttribute(input.type === 'password' ? 'data-show' : 'data-hide');
    }
    button.addEventListener('click', function () {
      input.type = input.type === 'password' ? 'text' : 'password';
      name();
    });
    // A shown password must not be kept among the ordinary texts that the browser remembers.
    if (input.form) input.form.addEventListener('submit', function () { input.type = 'password'; });
    name();
    input.parentNode.appendChild(button);
  }

  Array.prototype.forEach.call(document.querySelectorAll('input[data-show]'), addButton);
  Array.prototype.forEach.call(document.querySelectorAll('input[data-min-length]'), follow);
}());
