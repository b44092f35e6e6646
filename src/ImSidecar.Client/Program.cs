Console.Error.WriteLine("imclient: no command given");
return 2;
