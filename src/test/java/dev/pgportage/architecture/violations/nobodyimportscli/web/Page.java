package dev.pgportage.architecture.violations.nobodyimportscli.web;

import dev.pgportage.architecture.violations.nobodyimportscli.cli.Main;

record Page(Main main) {}
