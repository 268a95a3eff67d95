// Sends the form of a page that is only on its way. Without this script, its button does.
(function () {
  'use strict';

  var form = document.querySelector('form[data-submits-itself]');
  if (form) form.submit();
}());
