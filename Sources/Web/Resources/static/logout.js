// Goes on as soon as every application in the frames has been told. Without this script, the browser does after a moment.
(function () {
  'use strict';

  var link = document.querySelector('a[data-goes-on]');
  var frames = document.querySelectorAll('iframe');
  if (!link) return;
  var left = frames.length;
  function told() {
    left -= 1;
    if (left <= 0) window.location.replace(link.href);
  }
  for (var i = 0; i < frames.length; i += 1) frames[i].addEventListener('load', told);
}());
